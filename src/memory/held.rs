//! What one request holds of the budget, from its body's first bytes to its answer's last.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task_local;

use super::budget::{Budget, NoRoom, Reservation};

task_local! {
    static CURRENT: Held;
}

/// The bytes of a request, all given back when its last clone is dropped.
#[derive(Debug, Clone)]
pub struct Held {
    budget: Budget,
    bytes: Arc<Mutex<Option<Reservation>>>,
}

impl Held {
    /// Nothing yet.
    #[must_use]
    pub fn of(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            bytes: Arc::default(),
        }
    }

    /// Runs the future as the request that holds this.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// That of the current task; one without bounds outside of any request.
    #[must_use]
    pub fn current() -> Self {
        let current = CURRENT.try_with(Self::clone);
        current.unwrap_or_else(|_| Self::of(&Budget::endless()))
    }

    /// Holds more, once it is free.
    ///
    /// # Errors
    /// [`NoRoom::Never`].
    pub async fn more(&self, bytes: u64) -> Result<(), NoRoom> {
        let more = self.budget.reserve(bytes).await?;
        self.add(more);
        Ok(())
    }

    /// Holds more, if it is free now.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn try_more(&self, bytes: u64) -> Result<(), NoRoom> {
        self.add(self.budget.try_reserve(bytes)?);
        Ok(())
    }

    /// Whether there could ever be room for so many bytes in all.
    ///
    /// # Errors
    /// [`NoRoom::Never`].
    pub fn could_hold(&self, wanted: u64) -> Result<(), NoRoom> {
        let total = self.budget.total();
        if wanted > total {
            return Err(NoRoom::Never { wanted, total });
        }
        Ok(())
    }

    fn add(&self, more: Reservation) {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_request_holds_is_given_back_with_its_last_part() {
        let budget = Budget::new(100);
        let held = Held::of(&budget);
        let part = held.clone();
        part.scope(async {
            Held::current().more(30).await.expect("it fits");
            Held::current().try_more(20).expect("it fits");
        })
        .await;
        assert_eq!(budget.reserved(), 50);
        drop(held);
        assert_eq!(budget.reserved(), 0);
    }
}
