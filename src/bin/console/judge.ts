import { checkLinearizability } from '../../../chaos/checkers/linearizability.js';
import { pairOperations } from '../../../chaos/checkers/operation.js';
import type { Judge } from '../../console/ports.js';

/** A tenth of a second at most: beyond it the verdict is `undecided`. */
const BUDGET = 4_000;

/** The harness's own checker, on the canary's history. */
export const judge: Judge = (events) => {
  const { verdict, checkedOperations, violations } = checkLinearizability(pairOperations(events), { budget: BUDGET });
  const [first] = violations;
  return { verdict, checked: checkedOperations, ...(first === undefined ? {} : { explanation: first.explanation }) };
};
