package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as Kubernetes writes them: 100M, 1.5Gi, 2e6. */
final class Quantity {
    private static final Pattern FORM =
            Pattern.compile(
                    "\\+?([0-9]{1,30}(?:\\.[0-9]{0,30})?|\\.[0-9]{1,30})"
                            + "(m|[kMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?");
    private static final Map<String, BigDecimal> UNITS =
            Map.ofEntries(
                    Map.entry("m", BigDecimal.ONE.movePointLeft(3)),
                    Map.entry("k", BigDecimal.ONE.movePointRight(3)),
                    Map.entry("M", BigDecimal.ONE.movePointRight(6)),
                    Map.entry("G", BigDecimal.ONE.movePointRight(9)),
                    Map.entry("T", BigDecimal.ONE.movePointRight(12)),
                    Map.entry("P", BigDecimal.ONE.movePointRight(15)),
                    Map.entry("E", BigDecimal.ONE.movePointRight(18)),
                    Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
                    Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
                    Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
                    Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
                    Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
                    Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    private Quantity() {}

    /** Rounded up, and no more than fits; Invalid, with the field. */
    static long parse(String field, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new Failure.Invalid(
                    field + ": " + Printable.of(text) + " is no amount such as 100M");
        }
        BigDecimal amount = new BigDecimal(form.group(1));
        String unit = form.group(2);
        if (unit != null) {
            BigDecimal one = UNITS.get(unit);
            amount = amount.multiply(one == null ? new BigDecimal("1" + unit) : one);
        }
        return amount.min(BigDecimal.valueOf(Long.MAX_VALUE))
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }
}
