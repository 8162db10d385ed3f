import { importGraph } from './imports.js';
import type { Sources } from './sources.js';

/** Chains of files that import each other, each as `a → b → a`. */
export function importCycles(sources: Sources): string[] {
  const graph = importGraph(sources, ['types', 'code']);
  const finished = new Set<string>();
  const chain: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string): void => {
    const start = chain.indexOf(path);
    if (start >= 0) cycles.push([...chain.slice(start), path].join(' → '));
    if (start >= 0 || finished.has(path)) return;
    chain.push(path);
    for (const next of graph.get(path) ?? []) visit(next);
    chain.pop();
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return cycles;
}

/** Files that no entry point reaches through imports or by starting them. */
export function deadFiles(sources: Sources, isEntry: (path: string) => boolean): string[] {
  const graph = importGraph(sources, ['types', 'code', 'process']);
  const reached = new Set<string>();
  const ahead = [...graph.keys()].filter(isEntry);
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    ahead.push(...graph.get(path)!);
  }
  return [...graph.keys()].filter((path) => !reached.has(path));
}
