/** How simulated frames look on the wire. */
import { decodeLinkRequest, encodeRequestFrame } from '../../src/adapters/link-frames.js';
import { decodeLinkReply, encodeReplyFrame } from '../../src/adapters/link-replies.js';
import type { Wire } from './sim-network.js';

export const OBJECTS: Wire = { request: (frame) => frame, reply: (frame) => frame };

/** Through the codecs of production: what they lose or change, the checkers see. */
export const CODECS: Wire = {
  request: (frame) => {
    const decoded = decodeLinkRequest(encodeRequestFrame(frame));
    if (decoded.kind === 'hello') throw new Error('a frame was decoded as a hello');
    return decoded;
  },
  reply: (frame) => {
    const decoded = decodeLinkReply(encodeReplyFrame(frame));
    if (decoded.kind === 'hello') throw new Error('a frame was decoded as a hello');
    return decoded;
  },
};
