/* Tells the page that embeds this one how high it is, whenever that changes. */
(function () {
  "use strict";

  if (window.parent === window) return;
  var told = 0;

  function tell() {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    window.parent.postMessage({ budgetHeight: height }, "*");
  }

  function begin() {
    tell();
    if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
    else window.addEventListener("resize", tell);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
