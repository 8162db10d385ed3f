/** Mutual TLS: each side shows a certificate, and believes those that one authority has signed. */

/** Checked, as PEM. Whoever holds it is `cert`, to whoever believes `ca`. */
export interface Tls {
  readonly ca: Uint8Array;
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
  /** What a server's certificate must name; without it, the host that is dialled. */
  readonly name?: string | undefined;
}
