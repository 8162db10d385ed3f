import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { versionOf } from '../../src/core/version.js';
import type { RepairReply, RepairRequest } from '../../src/core/repair-message.js';
import { CodecError } from '../../src/adapters/codec-error.js';
import {
  decodeRepairReply,
  decodeRepairRequest,
  encodeRepairReply,
  encodeRepairRequest,
} from '../../src/adapters/repair-codec.js';
import { ballotAt, stateOf } from '../conformance/records.js';

const state = stateOf();
const stand = { epoch: 3, policy: 'PA/EC', settled: false } as const;

const requests: readonly RepairRequest[] = [
  { kind: 'inspect', key: 'k' },
  { kind: 'collect', key: 'k', accepted: NO_BALLOT, before: 17 },
  { kind: 'collect', key: 'k', accepted: ballotAt(1, 2), before: 17 },
  { kind: 'hint', target: 'n3', key: 'k', ballot: ballotAt(4), state },
  { kind: 'settle', key: 'k', ballot: ballotAt(4), state },
  { kind: 'policy', stand },
  { kind: 'barrier', epoch: 3 },
  { kind: 'roots', groups: ['n1 n2 n3', 'n2 n3 n4'] },
  { kind: 'children', group: 'n1 n2 n3', level: 3, nodes: [0, 4095] },
  { kind: 'leaves', group: 'n1 n2 n3', leaves: [0, 65_535] },
  { kind: 'acknowledged', key: 'k' },
];

const replies: readonly RepairReply[] = [
  { kind: 'inspected', promised: ballotAt(2), accepted: NO_BALLOT, isTombstone: false, maxOpTime: 5 },
  { kind: 'collected', removed: true },
  { kind: 'hinted', kept: false },
  { kind: 'settled', settled: true },
  { kind: 'policy', stand },
  { kind: 'barrier', done: false, permille: 999, keys: 12 },
  { kind: 'digests', digests: Uint32Array.of(0, 1, 0xffff_ffff) },
  { kind: 'keys', keys: [{ key: 'k', accepted: ballotAt(3) }] },
  { kind: 'declined', reason: 'not now' },
  { kind: 'acknowledged', writes: [{ version: versionOf(ballotAt(3, 2), 1), at: 5 }], timed: null },
  {
    kind: 'acknowledged',
    writes: [],
    timed: {
      required: 2,
      delays: [
        { node: 'n1', there: 0, back: 1.5 },
        { node: 'n2', there: Infinity, back: 0 },
      ],
    },
  },
];

for (const [index, request] of requests.entries()) {
  test(`request ${index}, to ${request.kind}, arrives as it was sent`, (t) => {
    const arrived = decodeRepairRequest(encodeRepairRequest(request));
    t.like(arrived, 'state' in request ? { ...request, state: { value: state.value } } : request);
    t.deepEqual(Object.keys(arrived).sort(), Object.keys(request).sort());
  });
}

for (const [index, reply] of replies.entries()) {
  test(`reply ${index}, ${reply.kind}, arrives as it was sent`, (t) => {
    t.deepEqual(decodeRepairReply(encodeRepairReply(reply)), reply);
  });
}

test('whatever else a peer sends is a CodecError: cut short or made up', (t) => {
  for (const bytes of requests.map(encodeRepairRequest)) {
    for (let length = 0; length < bytes.length; length += 1)
      t.throws(() => decodeRepairRequest(bytes.subarray(0, length)), { instanceOf: CodecError }, `${length} bytes`);
  }
  const made = [[0xc0], [0x90], [0x91, 0x63], [0x92, 0x00, 0x00], [0x92, 0x00, 0xa0], [0x81, 0xa1, 0x61, 0x01]];
  for (const bytes of made)
    t.throws(() => decodeRepairRequest(Uint8Array.from(bytes)), { instanceOf: CodecError }, bytes.join(' '));
});
