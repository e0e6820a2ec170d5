import { type ComponentCaller, type Data, elementOf, type FrameworkNode } from './framework.ts';
import { viewport } from './viewport.ts';

interface Fields {
  id?: boolean;
  dataset?: boolean;
  rect?: boolean;
  size?: boolean;
  scrollOffset?: boolean;
  properties?: string[];
  computedStyle?: string[];
}

type Callback = (result: unknown) => void;

interface Selection {
  within: ComponentCaller;
  /** Null: the viewport. */
  selector: string | null;
  all: boolean;
  fields: Fields;
  callback: Callback | undefined;
}

/** What to ask of the nodes that were selected; each answers the query, for the next selection. */
interface Reference {
  fields(fields: Fields, callback?: Callback): SelectorQuery;
  boundingClientRect(callback?: Callback): SelectorQuery;
  scrollOffset(callback?: Callback): SelectorQuery;
}

/** `wx.createSelectorQuery()`. The adapter's own counts from the window and knows no computed style. */
export class SelectorQuery {
  readonly #selections: Selection[] = [];
  #within: ComponentCaller;

  constructor(within: ComponentCaller) {
    this.#within = within;
  }

  in(component: ComponentCaller): this {
    this.#within = component;
    return this;
  }

  select(selector: string): Reference {
    return this.#reference(selector, false);
  }

  selectAll(selector: string): Reference {
    return this.#reference(selector, true);
  }

  selectViewport(): Reference {
    return this.#reference(null, false);
  }

  /** Measures before the next frame is drawn, as the phone answers later as well. */
  exec(callback?: Callback): void {
    requestAnimationFrame(() => {
      const results = this.#selections.map(read);
      this.#selections.forEach((selection, index) => {
        selection.callback?.(results[index]);
      });
      callback?.(results);
    });
  }

  #reference(selector: string | null, all: boolean): Reference {
    const within = this.#within;
    const add = (fields: Fields, callback?: Callback): SelectorQuery => {
      this.#selections.push({ within, selector, all, fields, callback });
      return this;
    };
    return {
      fields: add,
      boundingClientRect: (callback?: Callback) =>
        add({ id: true, dataset: true, rect: true, size: true }, callback),
      scrollOffset: (callback?: Callback) => add({ id: true, dataset: true, scrollOffset: true }, callback),
    };
  }
}

function read({ within, selector, all, fields }: Selection): unknown {
  if (selector === null) {
    const body = document.querySelector('.phone-page:not([hidden]) .phone-body');
    return body === null ? null : describe(body, viewport(), fields);
  }
  const tree = within._$.getShadowRoot?.();
  if (all) return (tree?.querySelectorAll(selector) ?? []).map((node) => describeNode(node, fields));
  const node = tree?.querySelector(selector) ?? null;
  return node === null ? null : describeNode(node, fields);
}

function describeNode(node: FrameworkNode, fields: Fields): Data | null {
  const element = elementOf(node);
  if (element === null) return null;
  const result = describe(element, element.getBoundingClientRect(), fields);
  if (fields.id) result.id = node.id;
  if (fields.dataset) result.dataset = node.dataset ?? {};
  for (const name of fields.properties ?? []) result[name] = node.data?.[name];
  return result;
}

function describe(element: Element, box: DOMRect, fields: Fields): Data {
  const result: Data = {};
  const { left, top } = viewport();
  if (fields.rect)
    Object.assign(result, {
      left: box.left - left,
      right: box.right - left,
      top: box.top - top,
      bottom: box.bottom - top,
    });
  if (fields.size) Object.assign(result, { width: box.width, height: box.height });
  if (fields.scrollOffset) {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = element;
    Object.assign(result, { scrollLeft, scrollTop, scrollWidth, scrollHeight });
  }
  const computed = fields.computedStyle === undefined ? null : getComputedStyle(element);
  for (const name of fields.computedStyle ?? []) result[name] = computed?.[name as keyof CSSStyleDeclaration];
  return result;
}
