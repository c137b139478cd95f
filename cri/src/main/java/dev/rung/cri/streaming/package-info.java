/**
 * What a person's kubectl exec, attach and port-forward come down to: a server on loopback, which a
 * kubelet leads them to by an address that is good once. Streams go over SPDY/3.1 or WebSocket, in
 * the protocols that Kubernetes has made of them (remotecommand v1 to v5, portforward).
 */
package dev.rung.cri.streaming;
