package dev.rung.image.http;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Ranges of addresses in CIDR form. */
public final class AddressRange {
    private AddressRange() {}

    /** Whether the host is an address, not a name, within the range; false for a wrong range. */
    public static boolean contains(String range, String host) {
        int slash = range.indexOf('/');
        byte[] first = address(range.substring(0, Math.max(slash, 0)));
        byte[] own = address(host);
        if (slash < 0 || first == null || own == null || first.length != own.length) {
            return false;
        }
        int bits;
        try {
            bits = Integer.parseInt(range.substring(slash + 1));
        } catch (NumberFormatException e) {
            return false;
        }
        for (int i = 0; i < first.length && bits > 0; i++, bits -= 8) {
            int mask = bits >= 8 ? 0xff : 0xff00 >> bits & 0xff;
            if (((first[i] ^ own[i]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Null for names, which would have to be asked for. */
    private static byte @Nullable [] address(String text) {
        try {
            return InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
