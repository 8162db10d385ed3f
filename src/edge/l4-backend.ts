/** A node as the balancer knows it. */

export interface L4Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface L4Backend {
  /** The node's id, or its address where that is all there is. */
  readonly name: string;
  /** Where connections go. */
  readonly address: L4Endpoint;
  /** Its HTTP side, whose /readyz is asked; without it, whether it takes connections is all that is known. */
  readonly http?: L4Endpoint | undefined;
}

/** host:port, an IPv6 host in brackets. */
export function endpointText({ host, port }: L4Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
