package dev.rung.bench;

/** What a race says of one command; times in microseconds. */
record Timing(
        String contestant,
        String phase,
        long rounds,
        long failures,
        double least,
        double median,
        double most) {

    /** A line of the race: contestant, phase, rounds, failures, six times. */
    static Timing of(String line) {
        String[] words = line.split("\t", -1);
        return new Timing(
                words[0],
                words[1],
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Double.parseDouble(words[4]),
                Double.parseDouble(words[6]),
                Double.parseDouble(words[8]));
    }
}
