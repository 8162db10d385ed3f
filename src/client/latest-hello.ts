import type { Hello } from '../ports/pipe.js';

/** What a node says, but a policy of before its last change: a node that was away may not have heard of it yet. */
export function withLatestPolicy(hello: Hello, known: Hello | undefined): Hello {
  if (known === undefined || hello.policyEpoch >= known.policyEpoch) return hello;
  return { ...hello, policy: known.policy, policyEpoch: known.policyEpoch };
}
