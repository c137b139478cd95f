/**
 * The name server that containers of user networks see at 127.0.0.11: it knows their neighbours by
 * name and asks the host's servers for everything else. Must know nothing of networks: who is known
 * is asked through {@link dev.rung.network.dns.Names}.
 */
package dev.rung.network.dns;
