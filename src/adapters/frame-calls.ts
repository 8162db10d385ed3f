/** What both ends of a Pipe or a Link need of gRPC; without the protos, whose loading takes a client longer than its call. */
import type { ClientDuplexStream, ServerDuplexStream } from '@grpc/grpc-js';

/** Either end of a Pipe or a Link: frames in their envelopes. */
export type FrameCall = ServerDuplexStream<Buffer, Buffer>;
export type FrameClientCall = ClientDuplexStream<Buffer, Buffer>;
export interface FrameDuplex {
  write(frame: Buffer, taken: () => void): boolean;
}

export const PIPE_PATH = '/fulcrum.v1.Kv/Pipe';
export const LINK_PATH = '/fulcrum.v1.Peer/Link';

/** Frames are parsed by their handlers, so that a malformed one is answered with a reason. */
export function asIs(bytes: Buffer): Buffer {
  return bytes;
}
