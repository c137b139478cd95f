package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.record.CniWish;
import dev.rung.network.cni.Attachment;
import dev.rung.network.cni.CniNetworks;
import dev.rung.network.cni.CniResult;
import dev.rung.network.cni.CniSettings;
import dev.rung.network.cni.NetworkConf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Pods in networks of the Container Network Interface: each joins the first ones of the folder, as
 * they are then. What an earlier engine left half done is taken back first; plugins may be slow, so
 * this happens beside all else, and only pods that come or go wait for it.
 */
public final class CniPods {
    /** What links are called in a pod, with a number behind; kubelets and plugins expect eth0. */
    private static final String LINK = "eth";

    private final CniOptions options;
    private final Path state;
    private final CompletableFuture<CniNetworks> networks = new CompletableFuture<>();

    CniPods(CniOptions options, Path state) {
        this.options = options;
        this.state = state;
    }

    /**
     * Begins; those that are not ready lose their place in networks.
     *
     * @param ready the pods that have what their containers share
     */
    void begin(Set<ContainerId> ready) {
        if (!options.used() && !Files.isDirectory(state)) {
            networks.completeExceptionally(
                    new Failure.Unavailable("pods join no CNI networks here", null));
            return;
        }
        Thread.ofVirtual()
                .name("CNI networks")
                .start(() -> {
                    try {
                        networks.complete(open(ready));
                    } catch (RuntimeException e) {
                        networks.completeExceptionally(e);
                    }
                });
    }

    private CniNetworks open(Set<ContainerId> ready) {
        CniNetworks opened =
                CniNetworks.open(
                        new CniSettings(
                                options.networks(),
                                options.programs(),
                                state,
                                true,
                                options.patience()));
        var valid = new HashSet<Attachment.Key>();
        for (Attachment.Key key : opened.attachments()) {
            if (ready.contains(new ContainerId(key.container()))) {
                valid.add(key);
            } else {
                attempt(() -> opened.deleteAll(key.container(), ""));
            }
        }
        for (NetworkConf network : opened.networks()) {
            attempt(() -> opened.collect(network, valid));
        }
        return opened;
    }

    private static void attempt(Runnable act) {
        try {
            act.run();
        } catch (Failure e) {
            System.getLogger("dev.rung.engine")
                    .log(
                            System.Logger.Level.WARNING,
                            "what pods that have gone had in CNI networks could not be taken back",
                            e);
        }
    }

    /** Whether pods of a kubelet join them. */
    public boolean isUsed() {
        return options.used();
    }

    /** Why no pod can join now; null when nothing speaks against it. */
    public @Nullable String trouble() {
        if (!options.used()) {
            return null;
        } else if (!networks.isDone()) {
            return "what pods that have gone had in CNI networks is being taken back";
        }
        try {
            CniNetworks all = opened();
            chosen(all).forEach(all::status);
            return null;
        } catch (Failure e) {
            return String.valueOf(e.getMessage());
        }
    }

    private CniNetworks opened() {
        try {
            return networks.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw new Failure.Unavailable(String.valueOf(failure.getMessage()), failure);
            }
            throw e;
        }
    }

    /**
     * Lets a pod join; its addresses in the first of its networks, its own first. When it fails,
     * nothing is left of it, or leaving tries again.
     *
     * @param namespace the path of its network namespace
     */
    List<String> join(ContainerId pod, CniWish wish, String namespace) {
        CniNetworks all = opened();
        var arguments = new LinkedHashMap<>(wish.arguments());
        arguments.put("K8S_POD_INFRA_CONTAINER_ID", pod.value());
        var addresses = new ArrayList<String>();
        int joined = 0;
        for (NetworkConf network : chosen(all)) {
            String link = LINK + joined;
            var attachment =
                    new Attachment(pod.value(), namespace, link, arguments, wish.capabilities());
            CniResult made = all.add(network, attachment);
            if (joined++ == 0) {
                addresses.addAll(addresses(made, link));
            }
            if (addresses.isEmpty()) {
                throw new Failure.HostRefused(
                        "network " + network.name() + " gives pod " + pod + " no address", null);
            }
        }
        return addresses;
    }

    /** At least one; Unavailable without. */
    private List<NetworkConf> chosen(CniNetworks all) {
        if (!options.network().isEmpty()) {
            try {
                return List.of(all.network(options.network()));
            } catch (Failure.NotFound e) {
                throw new Failure.Unavailable(String.valueOf(e.getMessage()), e);
            }
        }
        NetworkConf first = all.defaultNetwork();
        if (options.most() == 1) {
            return List.of(first);
        }
        List<NetworkConf> networks = all.networks();
        return options.most() == 0 || networks.size() <= options.most()
                ? networks
                : networks.subList(0, options.most());
    }

    private List<String> addresses(CniResult result, String link) {
        var own = new ArrayList<CniResult.Ip>();
        for (CniResult.Ip ip : result.ips()) {
            Integer place = ip.link();
            if (place == null
                    || place >= result.interfaces().size()
                    || result.interfaces().get(place).name().equals(link)) {
                own.add(ip);
            }
        }
        if (options.first() != CniOptions.First.PLUGIN) {
            boolean wanted = options.first() == CniOptions.First.IPV4;
            own.sort(Comparator.comparing(ip -> ip.isV4() != wanted));
        }
        return own.stream().map(ip -> ip.address().getHostAddress()).toList();
    }

    /** Ends the plugins that let it join now: that fails, and is taken back by who does it. */
    void giveUp(ContainerId pod) {
        if (networks.isDone() && !networks.isCompletedExceptionally()) {
            networks.join().giveUp(pod.value());
        }
    }

    /**
     * Lets it leave; the same when it is not there.
     *
     * @param namespace empty when that has gone
     */
    void leave(ContainerId pod, String namespace) {
        opened().deleteAll(pod.value(), namespace);
    }
}
