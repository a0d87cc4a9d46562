// Enhances what already works without script: the design system's own behaviour (the menu on narrow screens, error focus).
import { initAll } from "/static/vendor/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
