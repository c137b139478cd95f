package dev.rung.network;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A network of addresses, such as 172.17.0.0/16 or fd00:1::/64.
 *
 * @param base its first address: the bits after the length are 0
 * @param length how many bits all its addresses share
 */
public record Prefix(InetAddress base, int length) {
    public Prefix {
        if (length < 0 || length > bits(base)) {
            throw new Failure.Invalid(
                    "invalid length of a prefix: %d, want 0 to %d".formatted(length, bits(base)));
        }
        base = masked(base, length);
    }

    /** Reads an address, a slash and a length; bits after the length are cleared. */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress base = slash < 0 ? null : literal(text.substring(0, slash));
        int length = base == null ? -1 : number(text.substring(slash + 1));
        if (base == null || length < 0 || length > bits(base)) {
            throw new Failure.Invalid(
                    "invalid subnet \"%s\": want an address, a slash and a number of bits"
                            .formatted(Printable.of(text)));
        }
        return new Prefix(base, length);
    }

    /** Reads an IPv4 or IPv6 address as it is written; Invalid for anything else, also a name. */
    public static InetAddress parseAddress(String text) {
        InetAddress address = literal(text);
        if (address == null) {
            throw new Failure.Invalid(
                    "invalid address \"%s\": want an IPv4 or IPv6 address"
                            .formatted(Printable.of(text)));
        }
        return address;
    }

    /** Whether it is IPv4. */
    public boolean isV4() {
        return base.getAddress().length == 4;
    }

    public boolean contains(InetAddress address) {
        return address.getAddress().length == base.getAddress().length
                && masked(address, length).equals(base);
    }

    /** Whether the two have an address in common. */
    public boolean overlaps(Prefix other) {
        return length <= other.length ? contains(other.base) : other.contains(base);
    }

    /** The address so many after the base, which may lie outside. */
    public InetAddress at(BigInteger offset) {
        return of(number(base).add(offset), base.getAddress().length);
    }

    /** How many addresses it has. */
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft(bits(base) - length);
    }

    /** How many addresses after the base this one is. */
    public BigInteger offset(InetAddress address) {
        return number(address).subtract(number(base));
    }

    /** Whether the first or last address of an IPv4 network, which no one may have. */
    public boolean isReserved(InetAddress address) {
        return isV4()
                && length < 31
                && (address.equals(base) || address.equals(at(size().subtract(BigInteger.ONE))));
    }

    @Override
    public String toString() {
        return base.getHostAddress() + "/" + length;
    }

    /** An address without a name, which therefore asks no name server. */
    public static InetAddress of(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + address.length + " bytes", e);
        }
    }

    private static @Nullable InetAddress literal(String text) {
        if (text.isEmpty() || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            return null;
        }
        try {
            return of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static int number(String text) {
        if (text.isEmpty() || text.length() > 3) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(text);
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    private static InetAddress of(BigInteger number, int bytes) {
        byte[] digits = number.toByteArray(); // a sign byte before, or fewer than all bytes
        var address = new byte[bytes];
        int count = Math.min(digits.length, bytes);
        System.arraycopy(digits, digits.length - count, address, bytes - count, count);
        return of(address);
    }

    private static InetAddress masked(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
        }
        return of(bytes);
    }
}
