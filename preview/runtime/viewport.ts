/** Where the page in front is drawn: below the navigation bar and above the tab bar. */
export function viewport(): DOMRect {
  const element = document.querySelector('.phone-page:not([hidden]) .phone-viewport');
  return element?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
}
