/**
 * What gets through to a node: a bare HTTP/2 connection (RFC 9113), as the nodes and clients use it. The server
 * speaks first, so that its SETTINGS say what comes back, and the answer to a PING says what goes there. With TLS the
 * client does: then the server's first frame says that something went there, too.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { parseAddress, type HostPort } from '../../cluster/topology.js';
import type { Tls } from '../../src/ports/tls.js';

export interface PathSight {
  /** Until the server's first frame; undefined: it never came. */
  readonly firstFrameMs: number | undefined;
  /** From the PING to its answer; undefined: none. */
  readonly roundTripMs: number | undefined;
  /** Whether the connection was ended by somebody else. */
  readonly ended: boolean;
}

export interface ProbeOptions {
  /** How long to look. */
  readonly timeoutMs: number;
  /** Bytes to send ahead of the PING, in frames that a server ignores. */
  readonly padding?: number;
  /** Go on looking for an end after the answer. */
  readonly untilEnded?: boolean;
  /** What is shown to the node; undefined: connections are plain. */
  readonly tls?: Tls | undefined;
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const HEADER_BYTES = 9;
const FRAME = { settings: 4, ping: 6, unknown: 0xee } as const;
const ACK = 1;
const PADDING_FRAME_BYTES = 8_192;

export async function probePath(address: string, options: ProbeOptions): Promise<PathSight> {
  const at = parseAddress(address)!;
  return new Promise((resolve) => {
    const socket = dialled(at, options.tls);
    const startMs = performance.now();
    let pingMs = startMs;
    let firstFrameMs: number | undefined;
    let roundTripMs: number | undefined;
    let received = Buffer.alloc(0);
    const finish = (ended: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ firstFrameMs, roundTripMs, ended });
    };
    const timer = setTimeout(() => finish(false), options.timeoutMs);
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
    socket.on('end', () => finish(true));
    socket.on(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      pingMs = performance.now();
      socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0), ...padding(options.padding ?? 0)]));
      socket.write(frame(FRAME.ping, 0, 8));
    });
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      for (let next = takeFrame(received); next !== undefined; next = takeFrame(received)) {
        received = received.subarray(next.bytes);
        firstFrameMs ??= performance.now() - startMs;
        if (next.type !== FRAME.ping || next.flags !== ACK) continue;
        roundTripMs = performance.now() - pingMs;
        if (options.untilEnded !== true) finish(false);
      }
    });
  });
}

function dialled({ host, port }: HostPort, tls: Tls | undefined): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true });
  const [ca, cert, key] = [tls.ca, tls.cert, tls.key].map((pem) => Buffer.from(pem));
  const named = tls.name === undefined ? {} : { servername: tls.name };
  return connectSecurely({ host, port, ca, cert, key, ALPNProtocols: ['h2'], ...named }).setNoDelay(true);
}

function padding(bytes: number): Buffer[] {
  const count = Math.ceil(bytes / PADDING_FRAME_BYTES);
  return Array.from({ length: count }, (_, i) =>
    frame(FRAME.unknown, 0, Math.min(PADDING_FRAME_BYTES, bytes - i * PADDING_FRAME_BYTES)),
  );
}

/** Of the whole connection, its payload zeros. */
function frame(type: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  return bytes;
}

interface Frame {
  readonly type: number;
  readonly flags: number;
  /** Header included. */
  readonly bytes: number;
}

function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = HEADER_BYTES + bytes.readUIntBE(0, 3);
  return bytes.length < length ? undefined : { type: bytes[3]!, flags: bytes[4]!, bytes: length };
}
