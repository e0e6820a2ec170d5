/** What WXS has and JavaScript has not. Imported before any template runs. */

// In WXS `constructor` is the type's name as a string; the build renames its uses to this.
Object.defineProperty(Object.prototype, '__wxsConstructor', {
  get(this: object) {
    return this.constructor?.name;
  },
  enumerable: false,
});

Object.assign(globalThis, { getRegExp: (pattern: string, flags?: string) => new RegExp(pattern, flags) });
