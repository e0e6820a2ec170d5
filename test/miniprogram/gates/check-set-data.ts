import {
  isArrayLiteralExpression,
  isAsExpression,
  isBigIntLiteral,
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isIdentifier,
  isNewExpression,
  isObjectLiteralExpression,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isRegularExpressionLiteral,
  isSatisfiesExpression,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import type { Finding } from './mini-program.ts';
import { isFunction, lineOfNode, walk } from './syntax.ts';

/**
 * Values in `setData({ … })` and in a page's or component's `data: { … }` that do not survive the way from the logic
 * thread to the view (developers.weixin.qq.com, 小程序运行时性能/合理使用 setData): they arrive as nothing or as `{}`, while
 * a browser, which has one thread, shows them. Only what is written there in place is seen.
 */
export function checkSetData(trees: ReadonlyMap<string, SourceFile>): Finding[] {
  return [...trees].flatMap(([file, tree]) => {
    const found: Finding[] = [];
    walk(tree, (node) => {
      for (const value of sent(node)) {
        for (const { at, what } of unsendable(value)) {
          found.push({ file, line: lineOfNode(tree, at), problem: `${what} cannot be data` });
        }
      }
    });
    return found;
  });
}

/** What a call of setData, Page or Component hands to the view. */
function sent(node: Node): Node[] {
  if (!isCallExpression(node)) return [];
  const callee = node.expression;
  const first = node.arguments[0];
  if (first === undefined) return [];
  if (isPropertyAccessExpression(callee) && callee.name.text === 'setData') return [first];
  if (!isIdentifier(callee) || !['Page', 'Component', 'Behavior'].includes(callee.text)) return [];
  if (!isObjectLiteralExpression(first)) return [];
  return first.properties.flatMap((property) =>
    isPropertyAssignment(property) && isIdentifier(property.name) && property.name.text === 'data'
      ? [property.initializer]
      : [],
  );
}

function unsendable(value: Node): { at: Node; what: string }[] {
  if (isParenthesizedExpression(value) || isAsExpression(value) || isSatisfiesExpression(value)) {
    return unsendable(value.expression);
  }
  if (isConditionalExpression(value)) return [...unsendable(value.whenTrue), ...unsendable(value.whenFalse)];
  // `a ?? b`, `a || b`, `a && b` are one of the two; of a comparison or sum neither reaches the view.
  if (isBinaryExpression(value)) {
    const isChoice = ['??', '||', '&&'].includes(value.operatorToken.getText());
    return isChoice ? [...unsendable(value.left), ...unsendable(value.right)] : [];
  }
  if (isArrayLiteralExpression(value)) return value.elements.flatMap(unsendable);
  if (isObjectLiteralExpression(value)) {
    return value.properties.flatMap((property) =>
      isPropertyAssignment(property) ? unsendable(property.initializer) : unsendable(property),
    );
  }
  const what = kindOf(value);
  return what === null ? [] : [{ at: value, what }];
}

function kindOf(value: Node): string | null {
  if (isFunction(value)) return 'a function';
  if (isIdentifier(value) && value.text === 'undefined') return 'undefined';
  if (isNewExpression(value))
    return `a ${isIdentifier(value.expression) ? value.expression.text : 'class'} object`;
  if (isRegularExpressionLiteral(value)) return 'a regular expression';
  if (isBigIntLiteral(value)) return 'a BigInt';
  if (isCallExpression(value) && isIdentifier(value.expression) && value.expression.text === 'Symbol')
    return 'a symbol';
  return null;
}
