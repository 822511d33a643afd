-- Names that differ in case only are two columns of one field, as in Ignite: the first of the table is what rows have.
CREATE TABLE CASES (ID INT PRIMARY KEY, "name" VARCHAR, NAME VARCHAR);
INSERT INTO CASES (ID, "name", NAME) VALUES (1, 'a', 'b');
INSERT INTO CASES (ID, NAME, "name") VALUES (2, 'x', 'y');
INSERT INTO CASES (ID, NAME) VALUES (3, 'z');

SELECT ID, "name", NAME FROM CASES;
UPDATE CASES SET "name" = 'c' WHERE ID = 1;
SELECT ID, "name", NAME FROM CASES;
UPDATE CASES SET NAME = 'd' WHERE ID = 2;
SELECT * FROM CASES;
SELECT name FROM CASES WHERE ID = 1;
SELECT "Name" FROM CASES;
