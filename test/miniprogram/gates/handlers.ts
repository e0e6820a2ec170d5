import {
  isCallExpression,
  isIdentifier,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isSpreadAssignment,
  isStringLiteral,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { walk } from './syntax.ts';

/**
 * Names that a page's or component's WXML may call: members of `Page({ … })`, and of `methods` in `Component({ … })`.
 * An object of the same file that is spread in counts; one from elsewhere does not, so its handlers are to be named
 * here: who reads the WXML must find them too.
 */
export function handlersOf(tree: SourceFile): Set<string> {
  const names = new Set<string>();
  walk(tree, (node) => {
    if (!isCallExpression(node) || !isIdentifier(node.expression)) return;
    const kind = node.expression.text;
    const options = node.arguments[0];
    if (options === undefined || (kind !== 'Page' && kind !== 'Component')) return;
    for (const [name, value] of members(tree, options)) {
      if (kind === 'Page') names.add(name);
      else if (name === 'methods' && value !== null)
        for (const [method] of members(tree, value)) names.add(method);
    }
  });
  return names;
}

function members(tree: SourceFile, node: Node): [name: string, value: Node | null][] {
  const literal = isIdentifier(node) ? initializerOf(tree, node.text) : node;
  if (literal === null || !isObjectLiteralExpression(literal)) return [];
  return literal.properties.flatMap((property): [string, Node | null][] => {
    if (isSpreadAssignment(property)) return members(tree, property.expression);
    const { name } = property;
    if (name === undefined || !(isIdentifier(name) || isStringLiteral(name))) return [];
    return [[name.text, isPropertyAssignment(property) ? property.initializer : null]];
  });
}

/** What a name declared in this file begins as, or null. */
function initializerOf(tree: SourceFile, name: string): Node | null {
  let found: Node | null = null;
  walk(tree, (node) => {
    if (isVariableDeclaration(node) && isIdentifier(node.name) && node.name.text === name) {
      found = node.initializer ?? null;
    }
  });
  return found;
}
