import org.apache.ignite.Ignition;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;

/**
 * Fills the cache IMAGES with objects that hold objects: {@code java Images.java ADDRESS}.
 *
 * <p>Key: the file name. Value: {metadata: {file_name, label, width, height}, pixels}.
 */
public class Images {
    static class Metadata {
        String file_name;
        String label;
        int width;
        int height;
    }

    static class Image {
        Metadata metadata;
        byte[] pixels;
    }

    static Image image(String fileName, String label, int width, int height) {
        Image image = new Image();
        image.metadata = new Metadata();
        image.metadata.file_name = fileName;
        image.metadata.label = label;
        image.metadata.width = width;
        image.metadata.height = height;
        image.pixels = new byte[width * height];
        for (int i = 0; i < image.pixels.length; i++)
            image.pixels[i] = (byte)(i * 7);
        return image;
    }

    public static void main(String[] args) throws Exception {
        try (IgniteClient client = Ignition.startClient(new ClientConfiguration().setAddresses(args[0]))) {
            ClientCache<String, Image> cache = client.getOrCreateCache("IMAGES");
            cache.put("kitten.png", image("kitten.png", "little ball of fur", 64, 48));
            cache.put("puppy.png", image("puppy.png", "good boy", 32, 32));
            cache.put("dot.png", image("dot.png", "dot", 1, 1));
            System.out.println("IMAGES has " + cache.size() + " entries");
        }
    }
}
