package dev.rung.cri;

import io.grpc.stub.ServerCallStreamObserver;

/** The answers of a method that gives many; used by one thread. */
final class AnswerStream<A> {
    /** How often a client that has gone is looked for. */
    private static final long PAUSE_MS = 1000;

    private final ServerCallStreamObserver<A> observer;
    private final Object room = new Object();

    AnswerStream(ServerCallStreamObserver<A> observer) {
        this.observer = observer;
        observer.setOnReadyHandler(this::wake);
        observer.setOnCancelHandler(this::wake);
    }

    private void wake() {
        synchronized (room) {
            room.notifyAll();
        }
    }

    /** False once the client has gone. */
    boolean isOpen() {
        return !observer.isCancelled();
    }

    /** Sends an answer, as soon as the client takes it; false when it has gone. */
    boolean send(A answer) {
        synchronized (room) {
            while (isOpen() && !observer.isReady()) {
                try {
                    room.wait(PAUSE_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        if (isOpen()) {
            observer.onNext(answer);
            return true;
        }
        return false;
    }
}
