/** The words every room uses, each checked once when it is made. */
package dev.rung.domain;
