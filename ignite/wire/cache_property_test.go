package wire

import "testing"

func TestCachePropertiesAreComplete(t *testing.T) {
	if len(requestOrder) != 31 || len(configurationOrder) != 31 || len(propertyCodecs) != 31 || len(propertyNames) != 31 {
		t.Errorf("%d, %d, %d, %d properties, want 31 each", len(requestOrder), len(configurationOrder), len(propertyCodecs), len(propertyNames))
	}
	var inOrder CachePropertySet
	inOrder = inOrder.With(configurationOrder...)
	for _, p := range requestOrder {
		if !inOrder.Has(p) {
			t.Errorf("%s is not in the response", p)
		}
	}
}

func TestCachePropertySet(t *testing.T) {
	s := CachePropertySet(0).With(PropertyBackups, PropertyExpiryPolicy, 999)
	if s.Len() != 2 || !s.Has(PropertyBackups) || !s.Has(PropertyExpiryPolicy) || s.Has(PropertyName) || s.Has(999) {
		t.Errorf("set %b", s)
	}
	if got := PropertySQLSchema.String() + " " + CacheProperty(999).String(); got != "SQLSchema PROPERTY(999)" {
		t.Error(got)
	}
}
