package dev.rung.image.http;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The certificates that this host trusts, as OpenSSL's and Go's programs find them: SSL_CERT_FILE
 * and SSL_CERT_DIR, else the distributions' bundle. The JDK's own list is not looked at.
 */
final class HostAuthorities {
    private static final List<String> BUNDLES =
            List.of(
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/etc/ssl/ca-bundle.pem",
                    "/etc/pki/tls/cacert.pem",
                    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                    "/etc/ssl/cert.pem");
    private static final List<String> FOLDERS = List.of("/etc/ssl/certs", "/etc/pki/tls/certs");

    private final Map<String, String> environment;

    HostAuthorities(Map<String, String> environment) {
        this.environment = environment;
    }

    /** All of them; IOException when a file that the environment names cannot be read. */
    List<X509Certificate> all() throws IOException, GeneralSecurityException {
        String file = environment.getOrDefault("SSL_CERT_FILE", "");
        String folders = environment.getOrDefault("SSL_CERT_DIR", "");
        var all = new ArrayList<X509Certificate>();
        if (!file.isEmpty()) {
            all.addAll(Pem.certificates(Path.of(file)));
        } else {
            for (String bundle : BUNDLES) {
                if (Files.isReadable(Path.of(bundle))) {
                    all.addAll(Pem.certificates(Path.of(bundle)));
                    break;
                }
            }
        }
        if (!folders.isEmpty()) {
            for (String folder : folders.split(":")) {
                addFolder(all, Path.of(folder));
            }
        } else if (all.isEmpty()) {
            for (String folder : FOLDERS) {
                addFolder(all, Path.of(folder));
            }
        }
        return all;
    }

    /** What is no certificate there is left out, as by others. */
    private static void addFolder(List<X509Certificate> all, Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try {
                    all.addAll(Pem.certificates(file));
                } catch (IOException | GeneralSecurityException e) {
                    // a folder of certificates also holds other things
                }
            }
        } catch (IOException e) {
            // as if it were not there
        }
    }
}
