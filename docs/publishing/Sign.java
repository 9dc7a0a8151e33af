// java Sign.java KEY.pem REALM PUBLIC_KEY < canonical.json > signed.json; Java 17, nothing else.
// Reads an event that is canonical already (RFC 8785), without signkey, signsalt and signature:
// any JCS library makes that; the three attributes are put in between id and source.

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

class Sign {
    public static void main(String[] arguments) throws Exception {
        byte[] der = pem(Path.of(arguments[0]));
        byte[] publicKey = Base64.getUrlDecoder().decode(arguments[2]);
        PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
        String realm = arguments[1];
        String keyId = url(Arrays.copyOf(sha256(new byte[] {1}, publicKey), 16));
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);

        String event = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
        int at = event.lastIndexOf(",\"source\":\"");
        String named = ",\"signkey\":\"" + keyId + "\",\"signsalt\":\"" + url(salt) + "\"";
        String record = event.substring(0, at) + named + event.substring(at);

        // The leaf is SHA-256(0x00, the record); a single event is a tree of one leaf.
        byte[] root = sha256(new byte[] {0}, record.getBytes(StandardCharsets.UTF_8));
        String text = "dvk-events/v1\n" + realm + "\n" + keyId + "\n1\n"
            + Base64.getEncoder().encodeToString(root) + "\n";
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(key);
        signer.update(text.getBytes(StandardCharsets.UTF_8));
        String signature = ",\"signature\":\"0/1." + url(signer.sign()) + "\"";
        System.out.println(event.substring(0, at) + signature + named + event.substring(at));
    }

    static byte[] pem(Path file) throws Exception {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
        return Base64.getDecoder().decode(text);
    }

    static byte[] sha256(byte[] first, byte[] second) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(first);
        return digest.digest(second);
    }

    static String url(byte[] value) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
    }
}
