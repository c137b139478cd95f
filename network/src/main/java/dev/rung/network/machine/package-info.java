/**
 * The machine that networks are made on: settings of its kernel, changes of its packet rules, files
 * that outlive a power cut. Must know nothing of networks.
 */
package dev.rung.network.machine;
