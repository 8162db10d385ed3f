import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/**
 * A digest of everything one file's types can depend on in others: all built declarations and the locked packages.
 * While it stays the same, type-aware lint results of unchanged files stay valid.
 */
export function typeSurface() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const dist = join(root, 'dist');
  const built = existsSync(dist) ? readdirSync(dist, { recursive: true, encoding: 'utf8' }) : [];
  for (const path of built.filter((name) => name.endsWith('.d.ts')).sort()) {
    hash.update(path).update(readFileSync(join(dist, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
