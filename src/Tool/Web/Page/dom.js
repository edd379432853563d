/**
 * Makes an element. Children that are no nodes become text: what peers have named is never parsed as HTML.
 * @param {string} tag
 * @param {Object<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Sets the text of an element, if it is another one: setting it makes the browser lay it out again. */
export function say(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}

/** A button that stays pressed or not. */
export function press(button, isPressed) {
  button.setAttribute("aria-pressed", String(isPressed));
}
