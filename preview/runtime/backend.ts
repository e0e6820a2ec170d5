import * as glassEasel from 'glass-easel';
import { viewport } from './viewport.ts';

/**
 * The framework's DOM backend with three changes: a sheet is put in once and not again with each page, inline styles
 * know rpx, and events carry `touches` as WeChat's do.
 */
export class PreviewBackend extends glassEasel.CurrentWindowBackendContext {
  readonly #sheets = new Set<string>();

  constructor() {
    super();
    // The base class makes all its nodes through this field.
    Object.assign(this, {
      document: {
        createElement: createStyledElement,
        createTextNode: (text: string) => document.createTextNode(text),
        createDocumentFragment: () => document.createDocumentFragment(),
      },
    });
    this.onEvent((target, type, detail, options) => {
      const original = options.originalEvent;
      const extraFields = original instanceof Event ? touchesOf(original) : {};
      return glassEasel.triggerEvent(target as glassEasel.GeneralComponent, type, detail, {
        ...options,
        extraFields,
      });
    });
  }

  override appendStyleSheetPath(path: string, scope?: number): number {
    if (this.#sheets.has(path)) return -1;
    this.#sheets.add(path);
    return super.appendStyleSheetPath(path, scope);
  }
}

function createStyledElement(tag: string): HTMLElement {
  const element = document.createElement(tag);
  const setAttribute = element.setAttribute.bind(element);
  element.setAttribute = (name, value) => setAttribute(name, name === 'style' ? withoutRpx(value) : value);
  return element;
}

/** In the build styles.mjs does the same to sheets. */
function withoutRpx(style: string): string {
  return style.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc($1 * var(--rpx))');
}

interface Point {
  identifier?: number;
  clientX: number;
  clientY: number;
}

function touchesOf(event: Event): Record<string, unknown> {
  if (event instanceof TouchEvent) {
    const changedTouches = Array.from(event.changedTouches, fromPage);
    // A tap is made of the last touchend, when no finger is left; WeChat still names the one that tapped.
    const touches = Array.from(event.touches, fromPage);
    return { touches: touches.length === 0 ? changedTouches : touches, changedTouches };
  }
  if (event instanceof MouseEvent) {
    const touches = [fromPage(event)];
    return { touches, changedTouches: touches };
  }
  return {};
}

/** Coordinates count from the page's upper left corner, below the navigation bar. */
function fromPage({ identifier = 0, clientX, clientY }: Point): Record<string, number> {
  const { left, top } = viewport();
  const x = clientX - left;
  const y = clientY - top;
  return { identifier, pageX: x, pageY: y, clientX: x, clientY: y };
}
