import {
  isArrowFunction,
  isBindingElement,
  isClassDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isIdentifier,
  isImportClause,
  isImportSpecifier,
  isMethodDeclaration,
  isNamespaceImport,
  isParameterDeclaration,
  isSetAccessorDeclaration,
  isShorthandPropertyAssignment,
  isTypeNode,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';

/** Calls `visit` for `node` and all below it, parents first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => {
    walk(child, visit);
    return undefined;
  });
}

/** Line (from 1) where a node begins, comments before it left aside. */
export function lineOfNode(tree: SourceFile, node: Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** Places where one of `names` is read as a value although nothing around it declares one: a global, such as `wx`. */
export function globalsRead(tree: SourceFile, names: ReadonlySet<string>): { name: string; line: number }[] {
  const declaredIn = new Map<Node, Set<string>>();
  const reads: (Node & { text: string })[] = [];
  walk(tree, (node) => {
    if (isIdentifier(node) && names.has(node.text) && isRead(node)) reads.push(node);
    const name = declaredName(node);
    if (name === null || !names.has(name)) return;
    const scope = scopeOf(node.parent);
    declaredIn.set(scope, (declaredIn.get(scope) ?? new Set()).add(name));
  });
  const isDeclared = (node: Node, name: string): boolean =>
    declaredIn.get(node)?.has(name) === true || (node.parent !== undefined && isDeclared(node.parent, name));
  return reads
    .filter((node) => !isDeclared(node, node.text))
    .map((node) => ({ name: node.text, line: lineOfNode(tree, node) }));
}

function declaredName(node: Node): string | null {
  const declares =
    isVariableDeclaration(node) ||
    isParameterDeclaration(node) ||
    isBindingElement(node) ||
    isImportSpecifier(node) ||
    isImportClause(node) ||
    isNamespaceImport(node) ||
    isFunctionDeclaration(node) ||
    isClassDeclaration(node);
  return declares && node.name !== undefined && isIdentifier(node.name) ? node.name.text : null;
}

/** The function or file around a node: blocks are taken for part of it, which no name here needs told apart. */
function scopeOf(node: Node): Node {
  return isFunction(node) || node.parent === undefined ? node : scopeOf(node.parent);
}

/** Anything with parameters and a body. */
export const isFunction = (node: Node): boolean =>
  isArrowFunction(node) ||
  isFunctionExpression(node) ||
  isFunctionDeclaration(node) ||
  isMethodDeclaration(node) ||
  isGetAccessorDeclaration(node) ||
  isSetAccessorDeclaration(node);

/** Neither the name of a property, of a declaration, nor part of a type. */
function isRead(node: Node): boolean {
  const parent = node.parent as Node & { name?: Node; propertyName?: Node };
  if (parent.propertyName === node) return false;
  // `{ wx }` takes the value of that name; every other node only has or selects the name.
  if (parent.name === node && !isShorthandPropertyAssignment(parent)) return false;
  for (let above: Node | undefined = parent; above !== undefined; above = above.parent) {
    if (isTypeNode(above)) return false;
  }
  return true;
}
