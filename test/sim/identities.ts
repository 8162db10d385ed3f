/** D10: what tells two processes of one node apart, judged on the code that mints and compares ballots. */
import { compareBallots, sameBallot, type Ballot } from '../../src/core/ballot.js';
import { CLOCK_BOUND_MS } from '../../src/core/defaults.js';
import { BallotMint } from '../../src/core/hlc.js';
import { EPOCH } from './sim-clock.js';

const BOUND = CLOCK_BOUND_MS * 1_000;

/** What is wrong, or undefined: two live processes with one node's name never mint the same ballot. */
export function twoProcessesOfOneNode(): string | undefined {
  const [first, second] = ['000000000000000a', '000000000000000b'].map((incarnation) =>
    new BallotMint({ node: 'n1', incarnation }, BOUND, () => 'unused').mint('x', EPOCH),
  ) as [Ballot, Ballot];
  if (first.time !== second.time) return 'the scenario needs two mints at one moment';
  return sameBallot(first, second) || compareBallots(first, second) === 0
    ? 'two processes minted one ballot'
    : undefined;
}

/** What is wrong, or undefined: a clock that was set back makes no ballot again. */
export function clockSetBack(): string | undefined {
  let drawn = 0;
  const mint = new BallotMint({ node: 'n1', incarnation: '000000000000000a' }, BOUND, () => {
    drawn += 1;
    return drawn.toString(16).padStart(16, '0');
  });
  const before = Array.from({ length: 50 }, (_, tick) => mint.mint('x', EPOCH + 10_000_000 + tick));
  const after = Array.from({ length: 50 }, (_, tick) => mint.mint('x', EPOCH + tick));
  const again = Array.from({ length: 50 }, (_, tick) => mint.mint('x', EPOCH + 10_000_000 + tick));
  const minted = [...before, ...after, ...again].sort(compareBallots);
  if (after.some(({ time }, tick) => time > EPOCH + tick + BOUND))
    return 'a clock that was set back ran beyond its bound';
  const twice = minted.some((ballot, index) => index > 0 && sameBallot(ballot, minted[index - 1]!));
  return twice ? 'a ballot was minted twice' : undefined;
}
