package dev.rung.cli;

/** What a person sees of images that come and go; told by one thread. */
public interface TransferDisplay {
    /** Shows nothing. */
    TransferDisplay SILENT =
            new TransferDisplay() {
                @Override
                public void line(String text) {}

                @Override
                public void layer(String id, String status) {}

                @Override
                public void moving(String id, String status, long bytes, long size) {}

                @Override
                public void checkThere() {}
            };

    /** Something about the whole. */
    void line(String text);

    /** A layer has come so far. */
    void layer(String id, String status);

    /** So many bytes of a layer have been moved; told again and again. */
    void moving(String id, String status, long bytes, long size);

    /** Asked now and then while there is nothing to tell: throws when nobody looks any more. */
    void checkThere();
}
