package dev.rung.rpc.http;

import javax.net.ssl.SSLContext;

/**
 * How a server is encrypted.
 *
 * @param wantsCertificate whether peers must have a certificate that the context trusts
 */
public record TlsSettings(SSLContext context, boolean wantsCertificate) {}
