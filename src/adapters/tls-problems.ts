/** What is wrong with certificates, in plain words: OpenSSL and gRPC say it in theirs, or not at all. */

const PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [
    /does not match certificate's altnames/,
    "the node's certificate does not name the host that was dialled: it takes a subject alternative name for it, or tls.name says which name it has",
  ],
  [
    /has expired|not yet valid/,
    "the node's certificate has expired or is not valid yet, or this machine's clock is wrong",
  ],
  [/(unsupported|unsuitable) certificate purpose/, "the node's certificate is not for servers (extendedKeyUsage)"],
  [
    /self-signed certificate|unable to get (local )?issuer|unable to verify|certificate signature failure/,
    "the node's certificate is not signed by the authority that is believed here (tls.ca)",
  ],
  [
    /wrong version number|packet length too long/,
    'this side speaks TLS and the other one does not: the cluster runs without it, or this is not its gRPC port',
  ],
  [
    /alert (bad |unsupported |unknown )?(certificate|ca\b)/,
    'the node does not believe the certificate that was shown to it (tls.cert)',
  ],
  [
    // What a client shows is judged after the client takes the connection for made, in TLS 1.3.
    /No connection established.*(Failed to connect|ECONNRESET|socket disconnected|socket hang up|socket ended)/,
    'the other side ended the connection at once, as a node with TLS does where no certificate is shown or one that its authority has not signed, and a proxy with nothing behind it',
  ],
];

/** undefined: it says nothing of certificates. */
export function tlsProblem(said: string): string | undefined {
  return PROBLEMS.find(([pattern]) => pattern.test(said))?.[1];
}
