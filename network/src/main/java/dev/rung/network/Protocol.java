package dev.rung.network;

/** What a port belongs to, with its number in IP headers. */
public enum Protocol {
    TCP("tcp", 6),
    UDP("udp", 17);

    private final String word;
    private final int number;

    Protocol(String word, int number) {
        this.word = word;
        this.number = number;
    }

    int number() {
        return number;
    }

    /** In lower case, as on command lines and in files. */
    @Override
    public String toString() {
        return word;
    }
}
