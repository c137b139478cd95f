/**
 * The Container Network Interface 1.1: networks that an administrator describes in a folder, made
 * by a chain of plugins. The usual types are answered here, in process; others are programs that
 * are called. Source: the CNI specification 1.1.0 and its conventions; the reference are the
 * plugins of github.com/containernetworking/plugins. Must know nothing of pods.
 */
package dev.rung.network.cni;
