import { posix } from 'node:path';
import ts from 'typescript';
import type { Sources } from './sources.js';

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The source file meant, by its path from the root; absent for packages and built-ins. */
  readonly file?: string;
  /** Types alone, code, or a program started as a process by its path: `new URL('./program.js', …)`. */
  readonly kind: 'types' | 'code' | 'process';
}

/** All imports of a file: static, re-exported, dynamic, in types, and programs named by a relative URL. */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, kind: Import['kind']): void => {
    if (node && ts.isStringLiteralLike(node)) found.push(resolved(path, node.text, kind));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause) ? 'types' : 'code');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'types' : 'code');
    else if (ts.isImportTypeNode(node)) add(literalOf(node.argument), 'types');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'code');
    else if (isRelativeUrl(node)) add(node.arguments?.[0], 'process');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2023));
  return found;
}

/** The files among the sources that each file imports, by imports of the given kinds. */
export function importGraph(sources: Sources, kinds: readonly Import['kind'][]): Map<string, string[]> {
  const known = (file: string | undefined): file is string => file !== undefined && sources.has(file);
  const targets = (path: string, text: string): string[] =>
    importsOf(path, text)
      .filter((each) => kinds.includes(each.kind))
      .map((each) => each.file)
      .filter(known);
  return new Map([...sources].map(([path, text]) => [path, targets(path, text)]));
}

function resolved(from: string, specifier: string, kind: Import['kind']): Import {
  if (!specifier.startsWith('.')) return { specifier, kind };
  const file = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  return { specifier, file, kind };
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  const named = names !== undefined && ts.isNamedImports(names) ? names.elements : [];
  return clause.name === undefined && named.length > 0 && named.every((each) => each.isTypeOnly);
}

const literalOf = (node: ts.TypeNode): ts.Node | undefined => (ts.isLiteralTypeNode(node) ? node.literal : undefined);

function isRelativeUrl(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'URL') return false;
  const first = node.arguments?.[0];
  return first !== undefined && ts.isStringLiteralLike(first) && /^\.{1,2}\/.*\.js$/.test(first.text);
}
