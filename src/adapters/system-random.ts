import { randomBytes } from 'node:crypto';
import type { Random } from '../ports/random.js';

export const systemRandom: Random = {
  unit: () => Math.random(),
  hex64: () => randomBytes(8).toString('hex'),
};
