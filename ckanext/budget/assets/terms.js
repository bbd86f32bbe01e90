/* Words of the glossary: their definition on hover, focus or a first touch; dismissed by Escape.
   Without this script each word is a link to the glossary. */
(function () {
  "use strict";

  if (document.documentElement.classList.contains("budget-terms")) return;
  document.documentElement.classList.add("budget-terms");
  var open = [];

  function tip(term) {
    return term.querySelector(".budget-term-tip");
  }

  /* Against the word, without a gap: the pointer reaches it; on the screen, whatever scrolls around. */
  function place(term) {
    var word = term.querySelector("a").getClientRects()[0];
    var box = tip(term);
    if (!word) return;
    box.style.maxWidth = Math.min(352, window.innerWidth - 16) + "px";
    var width = box.offsetWidth;
    var above = word.bottom + box.offsetHeight > window.innerHeight && word.top > box.offsetHeight;
    box.style.left = Math.max(8, Math.min(word.left, window.innerWidth - width - 8)) + "px";
    box.style.top = (above ? word.top - box.offsetHeight : word.bottom) + "px";
  }

  function show(term) {
    if (open.indexOf(term) < 0) {
      hideAll();
      open.push(term);
    }
    term.classList.add("budget-term-open");
    place(term);
  }

  function hide(term) {
    term.classList.remove("budget-term-open");
    open = open.filter(function (other) { return other !== term; });
  }

  function hideAll() {
    open.slice().forEach(hide);
  }

  function within(event) {
    return event.target.closest ? event.target.closest(".budget-term") : null;
  }

  function leaving(event) {
    var term = within(event);
    if (!term || term.contains(event.relatedTarget)) return;
    if (event.type === "mouseout" && term.contains(document.activeElement)) return;
    if (event.type === "focusout" && term.matches(":hover")) return;
    hide(term);
  }

  function entering(event) {
    var term = within(event);
    if (term && !term.contains(event.relatedTarget)) show(term);
  }

  document.addEventListener("mouseover", entering);
  document.addEventListener("focusin", entering);
  document.addEventListener("mouseout", leaving);
  document.addEventListener("focusout", leaving);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") hideAll();
  });
  document.addEventListener("scroll", function () { open.forEach(place); }, true);
  window.addEventListener("resize", function () { open.forEach(place); });

  /* A finger has no hover: the first touch shows the definition, the second follows the link. */
  var touched = null;
  document.addEventListener("pointerdown", function (event) {
    var term = within(event);
    touched = event.pointerType === "touch" && term && !term.classList.contains("budget-term-open") ? term : null;
    if (!term) hideAll();
  });
  document.addEventListener("click", function (event) {
    if (touched && within(event) === touched) {
      event.preventDefault();
      show(touched);
    }
    touched = null;
  });
})();
