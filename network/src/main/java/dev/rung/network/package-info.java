/**
 * Bridge networks and what joins them. Links, addresses, routes and packet rules are made by
 * netlink from this process; which networks there are and who has which address lies on disk, so
 * that a daemon that was killed finds everything again. Must know nothing of images.
 */
package dev.rung.network;
