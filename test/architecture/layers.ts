import { importsOf, type Import } from './imports.js';
import type { Sources } from './sources.js';

interface Layer {
  /** Layers whose files may be imported; a layer may always import its own. */
  readonly layers: readonly string[];
  /** Layers from which only types may be imported. */
  readonly types?: readonly string[];
  /** Layers whose programs may be started as processes. */
  readonly starts?: readonly string[];
  /** npm packages that may be named, by name or scope. */
  readonly packages?: readonly string[];
  /** Whether Node's built-in modules may be imported. */
  readonly builtins: boolean;
}

const foundation = ['src/core', 'src/ports'];
const composed = [
  ...foundation,
  'src/node',
  'src/client',
  'src/adapters',
  'src/edge',
  'src/console',
  'src/index.ts',
  'cluster',
];
const wire = ['@grpc', 'grpc-health-check', 'level', 'crc-32', 'msgpackr', 'prom-client', 'pino'];
const terminal = ['commander', 'cli-progress', 'cli-table3'];

/** ARCHITECTURE's list of layers. What is not in it (chaos, bench, test) may import anything. */
const layers: Readonly<Record<string, Layer>> = {
  'src/core': { layers: [], builtins: false },
  'src/ports': { layers: ['src/core'], builtins: false },
  'src/node': { layers: foundation, builtins: false },
  'src/client': { layers: foundation, builtins: false },
  'src/adapters': { layers: foundation, packages: wire, builtins: true },
  'src/edge': { layers: [...foundation, 'src/client'], types: ['src/node'], builtins: true },
  'src/console': { layers: foundation, packages: ['uplot'], builtins: true },
  'src/bin': { layers: [...composed, 'chaos'], packages: terminal, builtins: true },
  'src/index.ts': { layers: composed, builtins: true },
  // As whoever installs the package writes them.
  examples: { layers: [], packages: ['fulcrum-kv'], builtins: true },
  cluster: { layers: [...foundation, 'src/index.ts'], starts: ['src/bin'], builtins: true },
};

const unlimited = ['chaos/', 'bench/', 'test/'];

/** Imports that the layer table does not allow, and files that belong to no layer. */
export function layerFaults(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    if (unlimited.some((folder) => path.startsWith(folder))) return [];
    const name = layerOf(path);
    if (name === undefined) return [`${path} belongs to no layer`];
    return importsOf(path, text)
      .filter((each) => !isAllowed(name, each))
      .map((each) => `${path} may not import ${each.specifier}`);
  });
}

const layerOf = (path: string): string | undefined =>
  [...Object.keys(layers), 'chaos'].find((name) => path === name || path.startsWith(`${name}/`));

function isAllowed(name: string, { specifier, file, kind }: Import): boolean {
  const layer = layers[name]!;
  if (specifier.startsWith('node:')) return layer.builtins;
  if (file === undefined) return layer.packages?.includes(specifier.split('/')[0]!) ?? false;
  const target = layerOf(file);
  if (target === undefined) return false;
  if (target === name || layer.layers.includes(target)) return true;
  const further = { types: layer.types, code: undefined, process: layer.starts }[kind];
  return further?.includes(target) ?? false;
}
