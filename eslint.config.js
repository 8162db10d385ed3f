import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** @typedef {import('eslint').Linter.RulesRecord} Rules */

const sources = ['**/*.ts'];
const scripts = ['**/*.mjs', '*.js'];
/** Time, randomness and the process are passed in here (ARCHITECTURE: layers). */
const pure = ['src/core/**', 'src/ports/**', 'src/node/**', 'src/client/**'];

/** @type {Rules} */
const size = {
  'max-lines': ['error', { max: 330, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-depth': ['error', 4],
  'max-params': ['error', 6],
  complexity: ['error', 16],
};

/** @type {Rules} */
const everywhere = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-console': 'error',
  'no-param-reassign': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
};

/** @type {Rules} */
const typeAware = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // The compiler reports unused names (noUnusedLocals, noUnusedParameters).
  '@typescript-eslint/no-unused-vars': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // `if (…) return reply();` in a function that returns nothing is a common and clear shape.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
  // noUncheckedIndexedAccess makes `!` after an index the honest spelling of "this index is in range".
  '@typescript-eslint/no-non-null-assertion': 'off',
  // An implementation of an asynchronous port may have nothing to await.
  '@typescript-eslint/require-await': 'off',
};

const clocks = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'process'];
/** @type {Rules} */
const nothingHidden = {
  'no-restricted-globals': ['error', ...clocks.map((name) => ({ name, message: 'Take it from a port.' }))],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take a Clock.' },
    { object: 'Math', property: 'random', message: 'Take a Random.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take a Clock.' },
  ],
};

const foreign = ['@grpc/*', 'grpc-health-check', 'level', 'msgpackr', 'prom-client', 'pino'];
/** @type {Rules} */
const foreignOnlyInAdapters = {
  'no-restricted-imports': [
    'error',
    { patterns: [{ group: foreign, message: 'Only src/adapters names this package.' }] },
  ],
};

export default defineConfig(
  globalIgnores(['dist/', 'dist-*/', '.fulcrum/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: sources,
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.json', 'tsconfig.page.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: { ...everywhere, ...size, ...typeAware },
  },
  {
    files: scripts,
    extends: [js.configs.recommended],
    // The names are checked by the compiler (tsconfig.scripts.json).
    rules: { ...everywhere, ...size, 'no-undef': 'off' },
  },
  { files: pure, rules: nothingHidden },
  { files: ['src/**/*.ts', 'cluster/**/*.ts'], ignores: ['src/adapters/**'], rules: foreignOnlyInAdapters },
  { files: ['src/bin/**', 'bench/**', 'examples/**', 'scripts/**'], rules: { 'no-console': 'off' } },
);
