/** What happened in a run, in words that a person can follow. */
import { formatBallot } from '../../src/core/ballot.js';
import type { PeerReply } from '../../src/core/peer-message.js';
import type { Reply } from '../../src/core/request.js';
import type { State } from '../../src/core/state.js';
import { formatVersion } from '../../src/core/version.js';
import type { Heartbeat, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { Observer } from './observer.js';

/** An observer that also writes down what it is told. */
export function traced(observer: Observer, say: (line: string) => void): Observer {
  return {
    synced: (node, key, before, after, floors) => {
      observer.synced(node, key, before, after, floors);
      if (after === null) {
        say(`  ${node} disk: ${key} forgotten, floor ${formatBallot(floors.after)}`);
        return;
      }
      const promised = before?.promised !== after.promised && after.promised !== after.accepted;
      const what = promised ? `promised ${formatBallot(after.promised)}, ` : '';
      say(`  ${node} disk: ${key} ${what}accepted ${formatBallot(after.accepted)}${describeState(after.state)}`);
    },
    requested: (from, to, frame) => {
      for (const line of describeRequest(frame)) say(`  ${from}>${to} ${line}`);
      observer.requested(from, to, frame);
    },
    replied: (from, to, request, frame, epoch) => {
      for (const line of describeReplies(request, frame)) say(`  ${from}>${to} ${line}`);
      observer.replied(from, to, request, frame, epoch);
    },
    answered: (node, request, reply) => {
      observer.answered(node, request, reply);
    },
    stood: (node, stand) => {
      say(`  ${node} works under ${stand.policy}, epoch ${stand.epoch}${stand.settled ? '' : ', not settled'}`);
      observer.stood(node, stand);
    },
  };
}

function describeRequest(frame: RequestFrame | Heartbeat): string[] {
  switch (frame.kind) {
    case 'heartbeat':
      return [];
    case 'prepare':
      return frame.messages.map(({ key, ballot }) => `prepare ${key} ${formatBallot(ballot)}`);
    case 'accept':
      return frame.messages.map(
        ({ key, ballot, state }) => `accept ${key} ${formatBallot(ballot)}${describeState(state)}`,
      );
    case 'read':
      return frame.messages.map(({ key, known }) => `read ${key} known ${formatBallot(known)}`);
    case 'forward':
    case 'repair':
      return frame.messages.map(
        (request) => `${frame.kind} ${request.kind}${'key' in request ? ` ${request.key}` : ''}`,
      );
  }
}

function describeReplies(request: RequestFrame | Heartbeat, frame: ReplyFrame): string[] {
  if (request.kind === 'heartbeat' || frame.kind === 'heartbeat' || request.kind === 'forward') return [];
  if (request.kind === 'repair') return frame.kind === 'repaired' ? frame.replies.map(({ kind }) => kind) : [];
  if (frame.kind === 'uniform') {
    const messages = frame.indexes === null ? request.messages : frame.indexes.map((index) => request.messages[index]!);
    return messages.map((message) => `${frame.reply} ${message.key}`);
  }
  if (frame.kind !== 'replies') return [];
  return frame.replies.map((reply, at) => `${describePeerReply(reply)} (${request.messages[frame.indexes[at]!]!.key})`);
}

function describePeerReply(reply: PeerReply): string {
  switch (reply.kind) {
    case 'promised':
      return `promised; accepted ${formatBallot(reply.accepted)}${describeState(reply.state)}`;
    case 'found':
      return `found ${formatBallot(reply.accepted)}${describeState(reply.state)}`;
    case 'nack':
      return `nack: promised ${formatBallot(reply.promised)}, accepted ${formatBallot(reply.accepted)}`;
    case 'refused':
      return `refused ${reply.code}`;
    case 'alarm':
      return `ALARM ${reply.reason}`;
    default:
      return reply.kind;
  }
}

function describeState(state: State | null): string {
  if (state === null) return '';
  const value = state.value === null ? 'absent' : Buffer.from(state.value).toString('utf8');
  const flags = `${state.weak ? ' weak' : ''}${state.blind ? ' blind' : ''}`;
  const owner = state.owner === null ? '' : ` owner ${state.owner.node}/${state.owner.incarnation.slice(0, 4)}`;
  return ` = ${value}${flags}${owner} window ${state.window.size}`;
}

export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'value':
      return `${reply.value === null ? 'absent' : JSON.stringify(Buffer.from(reply.value).toString())} ${formatVersion(reply.version)} ${reply.receipt.guarantee}`;
    case 'mutated':
      return `ok ${formatVersion(reply.version)} ${reply.receipt.guarantee}${reply.receipt.replayed ? ' replayed' : ''}`;
    case 'error':
      return `${reply.error.code}${reply.error.definite ? '' : ' (unknown)'}`;
    case 'keys':
      return 'keys';
  }
}
