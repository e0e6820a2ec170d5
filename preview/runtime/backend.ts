import * as glassEasel from 'glass-easel';

/**
 * The framework's DOM backend with three changes: a sheet is put in once and not again with each page, inline styles
 * know rpx, and the browser's events reach the components, which is left to the host.
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
    this.onEvent((target, type, detail, options) =>
      glassEasel.triggerEvent(target as glassEasel.GeneralComponent, type, detail, options),
    );
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
