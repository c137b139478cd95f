package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.network.Prefix;
import java.net.InetAddress;

/** Addresses as the plugins write them, which for IPv6 is the short form (RFC 5952). */
final class IpText {
    private static final int GROUPS = 8;

    private IpText() {}

    static String of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        var groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << Byte.SIZE | bytes[2 * i + 1] & 0xff;
        }
        int start = -1; // of the longest run of zeros, the first of those
        int length = 1; // a single one is written
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** An address, of which a length behind it is cut off. */
    static InetAddress parse(String text) {
        int slash = text.indexOf('/');
        if (slash >= 0) {
            Prefix.parse(text);
        }
        return Prefix.parseAddress(slash < 0 ? text : text.substring(0, slash));
    }

    /** The length behind an address, in bits. */
    static int length(String text) {
        if (text.indexOf('/') < 0) {
            throw new Failure.Invalid("invalid CIDR address: " + text);
        }
        return Prefix.parse(text).length();
    }
}
